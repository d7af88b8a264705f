"""``llmbench completion SHELL``: the script that lets a shell complete what is typed.

At each Tab the script asks ``llmbench completion words -- WORD …``, which prints what the last may become.
"""

import sys

from llmbench.commands.arguments import Parser

SHELLS = ("bash", "zsh", "fish")

_DESCRIPTION = """\
Print the script that lets Tab complete llmbench's commands, keys, models, plugins and runs. For this shell:
source <(llmbench completion bash), the same with zsh, or llmbench completion fish | source; for good, put
that line where your shell starts (~/.bashrc, ~/.zshrc, ~/.config/fish/config.fish)."""


def main(argv: list[str]) -> int:
    """Print a script."""
    parser = Parser("completion", _DESCRIPTION, "|".join(SHELLS))
    parser.add_argument("shell", choices=SHELLS, metavar="|".join(SHELLS))
    shell = parser.parse_args(argv).shell
    sys.stdout.write(_SCRIPTS[shell])
    return 0


_BASH = """\
# llmbench in bash: source <(llmbench completion bash)
_llmbench() {
    local IFS=$' \\t\\n' words cur rest line="${COMP_LINE:0:COMP_POINT}"
    read -ra words <<< "$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    while [[ ${#words[@]} -gt 2 && ${words[0]} != "$1" ]]; do words=("${words[@]:1}"); done
    cur="${words[${#words[@]}-1]}"
    IFS=$'\\n'
    COMPREPLY=($(command "$1" completion words -- "${words[@]:1}" 2>/dev/null))
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
    # Readline takes a word to begin after = and :, and replaces only what follows.
    rest="${cur##*[$COMP_WORDBREAKS]}"
    [[ $rest != "$cur" ]] && COMPREPLY=("${COMPREPLY[@]#"${cur%"$rest"}"}")
}
complete -o default -F _llmbench llmbench
"""

_ZSH = """\
#compdef llmbench
# llmbench in zsh: source <(llmbench completion zsh), or as _llmbench in a folder of $fpath
_llmbench() {
    local -a found
    found=("${(@f)$(command $words[1] completion words -- "${(@)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)}")
    found=("${(@)found:#}")
    if (( ! $#found )); then
        _files
        return
    fi
    compadd -Q -S '' -- "${(@M)found:#*=}"
    compadd -Q -- "${(@)found:#*=}"
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _llmbench "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
    compdef _llmbench llmbench
fi
"""

_FISH = """\
# llmbench in fish: llmbench completion fish | source
function __llmbench_words
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    test (count $current) -eq 0; and set current ""
    set -l found (command $words[1] completion words -- $words[2..-1] $current 2>/dev/null)
    if test (count $found) -eq 0
        __fish_complete_path $current
    else
        printf '%s\\n' $found
    end
end
complete -c llmbench -f -a '(__llmbench_words)'
"""

_SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
