/** The token in a header `Authorization: Bearer TOKEN`; undefined: there is none, or it is of another form. */
export const bearerToken = (authorization: string | undefined): string | undefined =>
  authorization === undefined ? undefined : form.exec(authorization)?.[1]

const form = /^bearer +([!-~]+) *$/i
