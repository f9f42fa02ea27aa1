"""A systemd unit with its drop-ins, as values: enough of the syntax for our own units."""


class Unit:
    def __init__(self, *paths):
        self.values = {}
        for path in paths:
            section = ""
            for line in open(path):
                line = line.strip()
                if not line or line[0] in "#;":
                    continue
                if line.startswith("["):
                    section = line.strip("[]")
                    continue
                key, value = line.split("=", 1)
                entries = self.values.setdefault((section, key), [])
                if not value:
                    entries.clear()  # an empty assignment forgets what was said before
                else:
                    entries.append(value)

    def all(self, section, key):
        return self.values.get((section, key), [])

    def one(self, section, key):
        """The last value; empty when there is none."""
        entries = self.all(section, key)
        return entries[-1] if entries else ""
