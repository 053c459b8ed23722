/** Markers have nothing to do with ids: they stand for a place in the queue, behind the message that is or was at it; 0 is the head. */
export const markerAt = (position: number): string => `p${position.toString(36)}`

export const positionOf = (marker: string): number | undefined =>
  /^p[0-9a-z]{1,10}$/.test(marker) ? Number.parseInt(marker.slice(1), 36) : undefined
