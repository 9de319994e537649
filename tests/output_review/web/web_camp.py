"""A camp's review application for tests: people who log in, and pages that are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from output_review.web.application import application
from output_review.web.house import HOUSE, House
from tests.output_review.zone_camp import ZoneCamp

if TYPE_CHECKING:
    from django.test import Client

PASSWORD = "four words are enough"


class WebCamp:
    """A camp and its application; `client` returns a browser in which somebody has logged in with both factors."""

    def __init__(self, camp: ZoneCamp, **changes: Any) -> None:
        self.camp = camp
        self.house = House(camp.folder, lambda: camp.zone(**changes))
        self.zone = camp.zone(**changes)
        self.application = application(self.house, camp.camp.review, hosts=("testserver",))

    def client(self, name: str = "", *, csrf: bool = False) -> Client:
        """Return a browser, with nobody logged in if `name` is empty. With `csrf` it needs forms' tokens."""
        from django.test import Client
        from django_otp.plugins.otp_totp.models import TOTPDevice

        browser = Client(enforce_csrf_checks=csrf, headers={"host": "testserver"})
        cast("dict[str, Any]", browser.defaults)[HOUSE] = self.house
        if name:
            browser.force_login(self.account(name), backend="output_review.web.accounts.backend.LocalBackend")
            session = browser.session
            session["otp_device_id"] = TOTPDevice.objects.get(user__username=name).persistent_id
            session.save()
        return browser

    def account(self, name: str) -> Any:
        """Return an account with a password and a second factor, made when it is first asked for."""
        from django.contrib.auth.models import User
        from django_otp.plugins.otp_totp.models import TOTPDevice

        user = User.objects.filter(username=name).first()
        if user is None:
            user = User.objects.create_user(name, password=PASSWORD)
            TOTPDevice.objects.create(user=user, name="app", confirmed=True)
        return user
