"""Signing in and out, and everything about a password."""

from tests.shots.cast import ADA
from tests.shots.shot import Shot
from tests.shots.steps.pressing import press
from tests.shots.steps.set_up import wrong_password

SIGN_IN = [
    Shot("login", "account_login"),
    Shot("login-wrong", "account_login", steps=wrong_password),
    Shot("logout", "account_logout", ADA),
    Shot("inactive", "account_inactive"),
    Shot("signup-closed", "account_signup"),
    Shot("reauthenticate", "account_reauthenticate", ADA),
    Shot("password-change", "account_change_password", ADA),
    Shot("password-change-wrong", "account_change_password", ADA, steps=press("main form button.primary")),
    Shot("password-set", "account_set_password", "nopass@workshop.example"),
    Shot("password-reset", "account_reset_password"),
    Shot("password-reset-wrong", "account_reset_password", steps=press("main form button")),
    Shot("password-reset-done", "account_reset_password_done"),
    Shot("password-key", "account_reset_password_from_key", args=lambda stage: stage.password_key()),
    Shot("password-key-bad", "account_reset_password_from_key", args=lambda _stage: ["1", "bad-key"]),
    Shot("password-key-done", "account_reset_password_from_key_done"),
]
