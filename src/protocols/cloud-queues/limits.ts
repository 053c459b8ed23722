/** What clients are promised in seconds, in every version. */
export const messageTtl = { min: 60, max: 1_209_600, standard: 3600 } as const
export const claimTtl = { min: 60, max: 43_200, standard: 300 } as const
export const claimGrace = { min: 60, max: 43_200, standard: 60 } as const
export const messageDelay = { min: 0, max: 900 } as const
export const standardPage = 10
