"""allauth's forms in our words: one name for a thing on every page, and none of it written into the field again."""

from __future__ import annotations

from typing import Any

from allauth.account import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, str | Promise] = {
    "login": _("E-mail"),
    "email": _("E-mail"),
    "password": _("Password"),
    "oldpassword": _("Your password until now"),
    "password1": _("New password"),
    "password2": _("The new password once more"),
}


class InOurWords:
    """Mixed into a form of allauth's."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, field in self.fields.items():
            field.label = WORDS.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)
        if "password1" in self.fields:
            self.fields["password1"].help_text = _("At least ten characters; a few words in a row are best.")


class LogIn(InOurWords, forms.LoginForm):
    pass


class SignUp(InOurWords, forms.SignupForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["password1"].label = WORDS["password"]


class AddEmail(InOurWords, forms.AddEmailForm):
    pass


class ChangePassword(InOurWords, forms.ChangePasswordForm):
    pass


class SetPassword(InOurWords, forms.SetPasswordForm):
    pass


class ResetPassword(InOurWords, forms.ResetPasswordForm):
    pass


class ResetPasswordFromKey(InOurWords, forms.ResetPasswordKeyForm):
    pass


class ShowAgain(InOurWords, forms.ReauthenticateForm):
    pass
