/** What went wrong, if anything did. */
export const Problem = ({ text }: { text: string | undefined }) =>
  text === undefined ? null : (
    <p className="problem" role="alert">
      {text}
    </p>
  )
