/**
 * What a shell has to know to complete the command line of Callsheet: whom to ask. Each asks the program that stands on the line,
 * `callsheet complete SHELL -- WORDS`, and gets a candidate a line, with a tab and what it is; `:files` among them means paths. Nothing that
 * was typed is ever evaluated.
 */

const BASH = `# bash completion for callsheet
_callsheet() {
  local line words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=()
  compopt +o default 2>/dev/null
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      compopt -o default 2>/dev/null
    else
      COMPREPLY+=("\${line%%$'\\t'*}")
    fi
  done < <("\${1/#\\~/$HOME}" complete bash -- "\${words[@]}" 2>/dev/null </dev/null)
}
complete -o default -F _callsheet callsheet
`;

const ZSH = `#compdef callsheet
_callsheet() {
  local line files=0
  local -a found
  for line in "\${(@f)$("\${words[1]/#\\~/$HOME}" complete zsh -- "\${(@)words[2,CURRENT]}" 2>/dev/null </dev/null)}"; do
    if [[ $line == :files ]]; then
      files=1
    elif [[ -n $line ]]; then
      found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
    fi
  done
  [[ $PREFIX == --*=* ]] && compset -P '*='
  (( $#found )) && _describe callsheet found
  (( files )) && _files
}
if [[ $funcstack[1] == _callsheet ]]; then
  _callsheet "$@"
else
  compdef _callsheet callsheet
fi
`;

const FISH = `# fish completion for callsheet
function __callsheet_complete
    set -l typed (commandline -opc)
    set -l current (commandline -ct)
    for line in ($typed[1] complete fish -- $typed[2..-1] "$current" 2>/dev/null </dev/null)
        if test "$line" = :files
            __fish_complete_path (string replace -r -- '^--[^=]+=' '' "$current")
        else
            echo $line
        end
    end
end
complete -c callsheet -f -a '(__callsheet_complete)'
`;

export const SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH } as const;
export type Shell = keyof typeof SCRIPTS;
export const SHELLS = Object.keys(SCRIPTS) as Shell[];
