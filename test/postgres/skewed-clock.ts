// Loaded before anything else (`node --import`): this process believes that it is so many milliseconds later than it is.

const skewMs = Number(process.env.TEST_CLOCK_SKEW_MS)
const now = Date.now
Date.now = () => now() + skewMs
