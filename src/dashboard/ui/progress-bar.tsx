export const ProgressBar = ({ done, total, text }: { done: number; total: number; text: string }) => (
  <div className="field">
    <div
      className="progress"
      role="progressbar"
      aria-label="Progress"
      aria-valuemin={0}
      aria-valuemax={Math.max(total, done)}
      aria-valuenow={done}
    >
      <div style={{ width: `${total > 0 ? Math.min(100, (done / total) * 100) : 0}%` }} />
    </div>
    <span className="hint">{text}</span>
  </div>
)
