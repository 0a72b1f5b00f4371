"""The cases are imported by the laws, once; collecting them too would register each a second time."""

collect_ignore = ["cases"]
