/** Members that are undefined, which core does not expect, left out. */
export type Given<Members> = { [Name in keyof Members]: Exclude<Members[Name], undefined> }

export const given = <Members extends object>(members: Members): Given<Members> => {
  for (const value of Object.values(members)) {
    if (value === undefined) {
      return Object.fromEntries(Object.entries(members).filter((entry) => entry[1] !== undefined)) as Given<Members>
    }
  }
  return members as Given<Members>
}
