/**
 * Whether a text contains the pieces between the stars of a pattern one after the other, in whatever case. It looks at the
 * text once, so that no pattern takes long.
 */
export const textPattern = (pattern: string): ((text: string) => boolean) => {
  const pieces = pattern
    .toLowerCase()
    .split('*')
    .filter((piece) => piece !== '')
  return (text) => {
    const searched = text.toLowerCase()
    let at = 0
    for (const piece of pieces) {
      const found = searched.indexOf(piece, at)
      if (found === -1) return false
      at = found + piece.length
    }
    return true
  }
}
