#!/usr/bin/env python3
"""generate.py EXPORTER [FOLDER]: writes the completions of bash, zsh and fish, made from what `EXPORTER --help` says, into FOLDER (this one
unless told). The package installs them; a test holds them to the program. Run it after a flag was added or changed."""

import dataclasses
import pathlib
import re
import subprocess
import sys

PROGRAM = "mtls_exporter"
FILES = ("FILE", "NAME|FILE")  # values that name files


@dataclasses.dataclass
class Flag:
    names: list   # --config.file; -h and --help
    value: str    # FILE, WORD ...; empty: it takes none
    words: list   # what a WORD may be
    help: str


def shown(exporter, *command):
    return subprocess.run([exporter, *command, "--help"], capture_output=True, text=True, check=True).stdout


def flags(text):
    """Name and value stand before column 30, and the help behind it; on the next line where they are longer."""
    found, lines = [], text.splitlines() + [""]
    for line, after in zip(lines, lines[1:]):
        if not (match := re.match(r"  ((?:-\w,)?--[a-z.-]+)(?: ([A-Z][A-Z|:/]*)\b)?", line)):
            continue
        about = (after if after.startswith(" " * 30) else line[30:]).strip()
        names, value = match.group(1).split(","), match.group(2) or ""
        words = re.search(r"\(([a-z, ]+)\)$", about) if value == "WORD" else None
        found.append(Flag(names, value, words.group(1).split(", ") if words else [], about))
    return found


def commands(text):
    return dict(re.findall(r"^  ([a-z-]+) +(\S.*)$", text.split("Subcommands:")[1], re.M))


class Table:
    """The command line: the flags that stand before any command and after each, and the commands."""

    def __init__(self, exporter):
        text = shown(exporter)
        self.common, self.commands = flags(text), commands(text)
        self.of = {command: [flag for flag in flags(shown(exporter, command)) if "--help" not in flag.names] for command in self.commands}

    def every_flag(self):
        return self.common + [flag for one in self.of.values() for flag in one]


def bash(table):
    def names(those):
        return " ".join(name for flag in those for name in flag.names)

    # A flag of a command may have the name of another command's, and other words.
    known = [(f"*' {flag.names[-1]}'", flag) for flag in table.common] + \
        [(f"'{command} {flag.names[-1]}'", flag) for command, own in table.of.items() for flag in own]
    words = "\n".join(f"    {pattern}) COMPREPLY=($(compgen -W '{' '.join(flag.words)}' -- \"$current\")); return ;;" for pattern, flag in known if flag.words)
    files = " | ".join(pattern for pattern, flag in known if flag.value in FILES)
    others = " | ".join(pattern for pattern, flag in known if flag.value and flag.value not in FILES and not flag.words)
    cases = "\n".join(f"    {command}) flags+=' {names(own)}' ;;" for command, own in table.of.items() if own)
    return f"""# Completion of {PROGRAM} for bash, made by deploy/completion/generate.py.
_{PROGRAM}() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} flag=${{COMP_WORDS[COMP_CWORD - 1]}} command='' word
  # --flag=value is three words here, unless `=` is no break.
  if [ "$flag" = = ]; then flag=${{COMP_WORDS[COMP_CWORD - 2]}}; elif [ "$current" = = ]; then current=''; fi
  COMPREPLY=()
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case $word in {" | ".join(table.commands)}) command=$word ;; esac
  done
  case "$command $flag" in
{words}
    {files}) COMPREPLY=($(compgen -f -- "$current")); return ;;
    {others}) return ;;
  esac
  local flags='{names(table.common)}'
  case $command in
{cases}
  esac
  case $current in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$current")); return ;;
  esac
  case $command in
    '') COMPREPLY=($(compgen -W '{" ".join(table.commands)}' -- "$current")) ;;
    check-config) COMPREPLY=($(compgen -f -- "$current")) ;;
  esac
}}
complete -o filenames -F _{PROGRAM} {PROGRAM}
"""


def zsh(table):
    def text(about):
        return re.sub(r"([\[\]:\\])", r"\\\1", about).replace("'", "'\\''")

    def spec(flag):
        value = "" if not flag.value else f":{text(flag.value)}:" + (f"({' '.join(flag.words)})" if flag.words else "_files" if flag.value in FILES else " ")
        if len(flag.names) > 1:
            return f"'({' '.join(flag.names)})'{{{','.join(flag.names)}}}'[{text(flag.help)}]'"
        return f"'*{flag.names[0]}=[{text(flag.help)}]{value}'" if value else f"'{flag.names[0]}[{text(flag.help)}]'"

    def specs(those):
        return "\n".join(f"    {spec(flag)}" for flag in those)

    own = "\n".join(f"  local -a {command.replace('-', '_')}=(\n{specs(those)}\n  )" for command, those in table.of.items())
    cases = "\n".join(f"    {command}) _arguments -S $common ${command.replace('-', '_')} '*:{'file:_files' if command == 'check-config' else 'server:_hosts'}' ;;"
                      for command in table.of)
    described = " ".join(f"'{command}:{text(about)}'" for command, about in table.commands.items())
    return f"""#compdef {PROGRAM}
# Completion of {PROGRAM} for zsh, made by deploy/completion/generate.py.
_{PROGRAM}() {{
  local -a common=(
{specs(table.common)}
  )
{own}
  local -a known=({" ".join(table.commands)}) described=({described})
  local -a given=(${{(@)words[2,CURRENT-1]:*known}})
  case ${{given[1]:-}} in
{cases}
    *) _arguments -S $common '1:command:{{_describe command described}}' ;;
  esac
}}
_{PROGRAM} "$@"
"""


def fish(table):
    def text(about):
        return about.replace("\\", "\\\\").replace("'", "\\'")

    def line(flag, where):
        name = " ".join(f"-l {one[2:]}" if one.startswith("--") else f"-s {one[1:]}" for one in flag.names)
        value = "" if not flag.value else " -r -F" if flag.value in FILES else f" -x -a '{' '.join(flag.words)}'" if flag.words else " -x"
        return f"complete -c {PROGRAM}{where} {name}{value} -d '{text(flag.help)}'"

    lines = [f"# Completion of {PROGRAM} for fish, made by deploy/completion/generate.py.", f"complete -c {PROGRAM} -f"]
    lines += [line(flag, "") for flag in table.common]
    lines += [f"complete -c {PROGRAM} -n __fish_use_subcommand -a {command} -d '{text(about)}'" for command, about in table.commands.items()]
    for command, own in table.of.items():
        where = f" -n '__fish_seen_subcommand_from {command}'"
        lines += [line(flag, where) for flag in own]
    lines.append(f"complete -c {PROGRAM} -n '__fish_seen_subcommand_from check-config' -F")
    return "\n".join(lines) + "\n"


def every_completion(exporter):
    """By file name: what stands in it."""
    table = Table(exporter)
    return {PROGRAM: bash(table), f"_{PROGRAM}": zsh(table), f"{PROGRAM}.fish": fish(table)}


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else pathlib.Path(__file__).parent
    for name, text in every_completion(sys.argv[1]).items():
        (folder / name).write_text(text)
