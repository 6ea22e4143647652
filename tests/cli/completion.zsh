# SPDX-License-Identifier: MIT
# completion.zsh DIRECTORY: what zsh would offer behind each line of standard input, as LINE, a tab and
# one offer a line; the completion is in DIRECTORY. A shell behind a terminal completes, and says each
# match by a function of ours.
zmodload zsh/zpty
zpty shell zsh -f -i
setup() {
	zpty -w shell "$1"
}
setup "PS1= PROMPT= RPROMPT= ; stty -echo; unset zle_bracketed_paste"
setup "fpath=(${(q)1} \$fpath); autoload -Uz compinit; compinit -u -D; cd ${(q)PWD}"
setup 'compadd() {
	local -a said; local -i i=${@[(i)(-|--)]}
	if [[ ${@[1,i]} == *-(O|A|D)* ]]; then builtin compadd "$@"; return; fi
	builtin compadd -A said "$@"
	local word; for word in $said; do print -r -- "<offer>$word</offer>"; done
	builtin compadd "$@"
}'
setup 'finish() { zle complete-word; print -r -- "<done>"; zle kill-buffer; }; zle -N finish'
setup 'bindkey "^]" finish; print -r -- "<rea""dy>"'
zpty -r shell said '*<ready>*' || exit 1
while IFS= read -r line; do
	zpty -w -n shell "$line"$'\x1d'
	zpty -r shell said '*<done>*' || exit 1
	print -r -- "$said" | tr -d '\r' |
		sed -n 's/.*<offer>\(.*\)<\/offer>.*/\1/p' | while IFS= read -r offer; do
		print -r -- "$line	$offer"
	done
done
