#compdef millrace
# millrace: completion for zsh. Names of queues come from a server, so nothing that is read here is evaluated.
_millrace() {
  local line value
  local -a found
  for line in "${(@f)$(millrace __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == ':files' ]]; then
      _files
      return
    fi
    [[ -z $line ]] && continue
    value=${line%%$'\t'*}
    found+=("${value//:/\\:}:${line#*$'\t'}")
  done
  _describe millrace found
}
if [[ $funcstack[1] == _millrace ]]; then
  _millrace "$@"
else
  compdef _millrace millrace
fi
