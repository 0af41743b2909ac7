"""The public pages, as a booker meets them: without an account, a cookie or a script."""
