"""The review application: pages for reviewers, researchers, organisers and auditors, on the services beside it.

    settings.py, application.py   how it is put together: a WSGI application for one camp
    seat.py                       who asks for what, in which camp; every view is entered through it
    speech.py, templatetags/      texts in the reader's language
    accounts/                     logging in, second factor, passwords, single sign-on
    reviewing/                    queue, request, output, code, history, votes and comments
    own/                          a researcher's requests, questions and answers
    office/                       organiser, auditor, figures about the work, health and metrics

A view reads the request, asks one service and renders one page; what is allowed stands in `domain/access.py`.
"""
