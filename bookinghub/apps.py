"""Which site Django's admin is: ours. Apart from the site itself, which can't be imported before the applications are."""

from django.contrib.admin.apps import AdminConfig


class HubAdminConfig(AdminConfig):
    default_site = "bookinghub.admin.HubAdminSite"
