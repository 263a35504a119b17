"""Those who work here: log-ins, roles, who administers them. Reporters are never kept here."""
