/** The language that the pages are written in. */
export const locale = "en-US";

/** `Nov 23, 2026, 7:00 PM`, in the reader's own time zone unless another is given. */
export function formatTime(instant: string, timeZone?: string): string {
  const format = new Intl.DateTimeFormat(locale, {
    dateStyle: "medium",
    timeStyle: "short",
    ...(timeZone === undefined ? {} : { timeZone }),
  });
  return format.format(new Date(instant));
}
