# SPDX-License-Identifier: MIT
# completion_bash.py offers|lines SCRIPT: a bash behind a terminal completes each line of standard
# input. Says LINE, a tab and one answer of SCRIPT's a line; or LINE, a tab and what it became.
import os
import pty
import sys

SETUP = r'''
PS1= HISTFILE=
bind 'set enable-bracketed-paste off' 'set completion-query-items 0' 2>/dev/null
bind 'set bell-style none' && bind 'set page-completions off'
. "$SCRIPT"
noted() {
  _lockshim "$@"
  for offer in "${COMPREPLY[@]}"; do printf 'offer\t%s\n' "$offer" >&"$TOLD"; done
}
complete -F noted lockshim
ended() {
  printf 'line\t%s\n' "$READLINE_LINE" >&"$TOLD"
  READLINE_LINE= READLINE_POINT=0
}
bind -x '"\C-]": ended'
PROMPT_COMMAND='echo ready >&"$TOLD"'
'''


def shell(script):
    """An interactive bash: its terminal, and the stream on which it tells us things."""
    told, telling = os.pipe()
    os.set_inheritable(telling, True)
    setup, write = os.pipe()
    os.set_inheritable(setup, True)
    os.write(write, SETUP.encode())
    os.close(write)
    pid, terminal = pty.fork()
    if pid == 0:
        environment = dict(os.environ, SCRIPT=script, TOLD=str(telling), TERM='dumb')
        os.execvpe('bash', ['bash', '--noprofile', '--rcfile', '/dev/fd/%d' % setup, '-i'],
                   environment)
    os.close(telling)
    os.close(setup)
    return terminal, os.fdopen(told, encoding='utf-8')


def drain(terminal):
    """Reads what the shell shows, for as long as it lives: a full terminal would stop it."""
    if os.fork() == 0:
        try:
            while os.read(terminal, 4096):
                pass
        except OSError:
            pass
        os._exit(0)


def main():
    wanted, script = sys.argv[1:]
    terminal, told = shell(script)
    drain(terminal)
    if told.readline() != 'ready\n':
        sys.exit('bash did not begin')
    for line in sys.stdin:
        line = line.rstrip('\n')
        os.write(terminal, line.encode() + b'\t\x1d')
        for said in told:
            kind, text = said.rstrip('\n').split('\t', 1)
            if kind + 's' == wanted:
                print(line, text, sep='\t')
            if kind == 'line':
                break
        else:
            sys.exit('bash ended')
    os.write(terminal, b'exit\n')


main()
