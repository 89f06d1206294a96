import type { Stack } from "../platform/stack.ts";

/** Waits until something is there, looking again and again; fails with `what` after the deadline. */
export async function until<T>(what: string, look: () => Promise<T | null>, deadlineMs = 15_000): Promise<T> {
  const endMs = performance.now() + deadlineMs;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > endMs) throw new Error(`waited ${deadlineMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Waits for the mails to an address whose subject matches, and returns them, the oldest first; `countMin` where the first is not enough. */
export async function mailsTo(stack: Stack, address: string, subject: RegExp, countMin = 1) {
  return until(`a mail to ${address}`, async () => {
    const mails = (await stack.emulators.resend.listMails()).filter(
      (mail) => mail.to.includes(address) && subject.test(mail.subject),
    );
    return mails.length < countMin ? null : mails;
  });
}
