const known = {
  v3: { id: 'v3.14', status: 'stable', updated: '2020-04-07T00:00:00Z', path: '/v3/' },
  'v2.0': { id: 'v2.0', status: 'deprecated', updated: '2014-04-17T00:00:00Z', path: '/v2.0/' },
} as const

/** One version of the identity API, where it is. */
export const versionOf = (version: keyof typeof known, base: string): object => {
  const { path, ...about } = known[version]
  const type = `application/vnd.openstack.identity-${version}+json`
  return {
    ...about,
    'media-types': [{ base: 'application/json', type }],
    links: [{ rel: 'self', href: base + path }],
  }
}

export const versionList = (origin: string, place: string): object => ({
  versions: { values: [versionOf('v3', origin + place), versionOf('v2.0', origin + place)] },
})
