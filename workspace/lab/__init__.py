"""JupyterLab for a team: a server and kernels in boxes of their own, and a keeper outside that starts them.

::

    browser -> keeper on 127.0.0.1 -> http/s  -> box: Jupyter server (no network, no data sets, may not start programs)
                                      ask/s  <- {"do": "start", "kernel": "python3", "key": K}
               keeper -> one box per kernel: workspace, data sets read-only, sockets that the server connects to

Read in this order: `requests` (what the server may ask of the keeper), `slots` (one kernel), `boxes` (what the server
and a kernel see), `keeper` (all of a team), `splice` (bytes from the browser to the server), and `server`, which is
what runs inside the server's box.
"""
