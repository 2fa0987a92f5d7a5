# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Completion of sefctl, sefd, sefdump and sef-cc for bash. The programs are asked what they know, by
# --help, so that this file does not age.

# What a help text lists: options, "  -p, --pid=PID ...", and commands, "  up LABEL   start a service" or
# several of them, "  clone LABEL, unclone LABEL   ...".
_sef_options() {
    "$@" 2>/dev/null | sed -n 's/^  *\(\(-[^-],\) \)\{0,1\}\(--[a-z-]*\)\(\[\{0,1\}=\)\{0,1\}.*/\2\n\3\4/p' |
        sed 's/,$//; s/\[=$//; /^$/d'
}
_sef_commands() {
    "$1" --help 2>/dev/null | sed -n 's/^  \([a-z].*\)/\1/; T; s/  .*//; s/, /\n/g; p' | sed 's/ .*//'
}
_sef_labels() {
    "$1" --json status 2>/dev/null | grep -o '"label": *"[^"]*"' | sed 's/.*"\([^"]*\)"$/\1/'
}

# _sef_choose WORD...: complete the current word from these, without a blank behind "=".
_sef_choose() {
    mapfile -t COMPREPLY < <(compgen -W "$*" -- "${COMP_WORDS[COMP_CWORD]}")
    [[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace 2>/dev/null
}
_sef_files() {
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
}

_sefctl() {
    local program=$1 current=${COMP_WORDS[COMP_CWORD]} command='' words=0 i
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        -s) ((i++)) ;;
        = | -*) ;;
        *)
            if [[ ${COMP_WORDS[i - 1]} == = ]]; then
                continue
            elif [[ -z $command ]]; then
                command=${COMP_WORDS[i]}
            else
                ((++words))
            fi
            ;;
        esac
    done
    if [[ ${COMP_WORDS[COMP_CWORD - 1]} == = || $current == = ]]; then
        _sef_files
    elif [[ $current == -* ]]; then
        # shellcheck disable=SC2086 # no command is no word
        _sef_choose "$(_sef_options "$program" $command --help)"
    elif [[ -z $command ]]; then
        _sef_choose "$(_sef_commands "$program")"
    elif ((words == 0)) && [[ $command != up ]]; then
        _sef_choose "$(_sef_labels "$program")"
    else
        _sef_files
    fi
}

_sefd() {
    if [[ ${COMP_WORDS[COMP_CWORD]} == -* ]]; then
        _sef_choose "$(_sef_options "$1" --help)"
    else
        _sef_files
    fi
}

_sef_cc() {
    local current=${COMP_WORDS[COMP_CWORD]} clang
    case $current in
    --sef*) _sef_choose "$(_sef_options "$1" --sef-help)" ;;
    -*)
        clang=$("$1" --sef-print-config 2>/dev/null | sed -n 's/^clang: //p')
        _sef_choose "$(_sef_options "$1" --sef-help)" \
            "$("$clang" "--autocomplete=$current" 2>/dev/null | cut -f 1)"
        ;;
    *) _sef_files ;;
    esac
}

complete -F _sefctl sefctl
complete -F _sefd sefd sefdump
complete -F _sef_cc sef-cc
