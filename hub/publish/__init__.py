"""The public site: fiches, what the database adds to them, and the build that swaps it in."""

from hub.publish.site import SiteReport, build_site
from hub.publish.snapshot import Snapshot, load_snapshot

__all__ = ["SiteReport", "Snapshot", "build_site", "load_snapshot"]
