"""`sitegen serve`: the site of some runs on this machine, built again as they change. Floor 7."""

from sitegen.serve.messages import Built, Failed, Message
from sitegen.serve.project import Project, project_of
from sitegen.serve.server import ADDRESS, bound_socket, serve_site

__all__ = [
    "ADDRESS",
    "Built",
    "Failed",
    "Message",
    "Project",
    "bound_socket",
    "project_of",
    "serve_site",
]
