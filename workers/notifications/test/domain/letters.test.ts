import { roles } from "@foyer/contracts/shared/permissions";
import { type Letter, type LetterSubject, noticeKinds } from "@foyer/contracts/users/letters";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { letterMail } from "../../src/domain/letters.ts";

const site = "https://foyer.example";
const link = { token: "a b&c#d", expiresAt: "2030-01-01T10:00:00.000Z" };

const withLinks: readonly LetterSubject[] = [
  { kind: "verify_email" },
  { kind: "reset_password" },
  { kind: "confirm_email_change", side: "current", newEmail: "new@example.com" },
  { kind: "confirm_email_change", side: "new", newEmail: "new@example.com" },
  ...roles.map(
    (role) => ({ kind: "invitation", organizationName: "Harbour Hall", inviterName: "Organizer", role }) as const,
  ),
];
const notices: readonly LetterSubject[] = noticeKinds.map((notice) => ({
  kind: "notice",
  notice,
  at: "2026-11-26T10:00:00.000Z",
  device: "Firefox on Linux",
  place: "Hamburg, DE",
  name: "GitHub",
}));

const letter = (subject: LetterSubject): Letter => ({
  to: "buyer@example.com",
  locale: null,
  subject,
  link: subject.kind === "notice" ? null : link,
});

test.each(withLinks)("the token of a letter stands in the fragment, which no server is sent: %j", (subject) => {
  const mail = letterMail(letter(subject), site);
  const [address = ""] = /https:\S+/.exec(mail.text) ?? [];
  const url = new URL(address);
  expect(url.search).toBe("");
  expect(new URLSearchParams(url.hash.slice(1)).get("token")).toBe("a b&c#d");
  expect(mail.html).toContain(`href="${address}"`);
  expect(mail.text).toContain("Tuesday, January 1, 2030");
});

test("each kind of link leads to a page of its own", () => {
  const paths = withLinks.map(
    (subject) => /https:\/\/[^/]+(\/[a-z-]+)#/.exec(letterMail(letter(subject), site).text)?.[1],
  );
  expect(new Set(paths)).toEqual(new Set(["/verify-email", "/reset-password", "/confirm-email", "/invitation"]));
});

test.each(notices)("a notice says what happened, when, by what and where, and has no link: %j", (subject) => {
  const mail = letterMail(letter(subject), site);
  expect(mail.subject.length).toBeGreaterThan(10);
  expect(mail.text).toContain("Thursday, November 26, 2026");
  expect(mail.text).toContain("Firefox on Linux");
  expect(mail.text).toContain("Hamburg, DE");
  expect(mail.text + mail.html).not.toMatch(/https?:/);
});

test("no two notices have one subject", () => {
  const subjects = notices.map((subject) => letterMail(letter(subject), site).subject);
  expect(new Set(subjects).size).toBe(noticeKinds.length);
});

test("a link that somebody hid in a name is not sent to a stranger", () => {
  const lure = {
    organizationName: "Win at evil.example",
    inviterName: "https://evil.example/now",
    role: "door",
  } as const;
  const mail = letterMail(letter({ kind: "invitation", ...lure }), site);
  expect(mail.subject + mail.text + mail.html).not.toContain("evil.example");
});

test("nothing that people write ends a line, a header or an element", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 80 }), (text) => {
      const invitation = { kind: "invitation", organizationName: text, inviterName: text, role: "owner" } as const;
      const notice = { ...notices[0], device: text, place: text, name: text } as LetterSubject;
      for (const subject of [invitation, notice]) {
        const mail = letterMail(letter(subject), site);
        expect(mail.subject).not.toMatch(/\p{Cc}/u);
        expect(mail.html).not.toMatch(/<script|<img|onerror=[^&]/i);
      }
    }),
  );
});
