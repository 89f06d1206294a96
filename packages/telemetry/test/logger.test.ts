import * as fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { createLogger, describeError, type LogFields, type LogLevel, redact } from "../src/logger.ts";

function recorder(level: LogLevel = "debug") {
  const written: { level: LogLevel; line: string }[] = [];
  const log = createLogger("bookings", { level, write: (line, lineLevel) => written.push({ level: lineLevel, line }) });
  return { log, written, last: () => JSON.parse(written.at(-1)?.line ?? "null") };
}

describe("a line", () => {
  test("is one JSON object with level, service, message and fields", () => {
    const { log, written, last } = recorder();
    log.info("order stored", { orderId: "ord_1", attempts: 2, late: false, queue: undefined });
    expect(last()).toEqual({
      level: "info",
      service: "bookings",
      message: "order stored",
      orderId: "ord_1",
      attempts: 2,
      late: false,
      queue: null,
    });
    expect(written[0]?.line).not.toContain("\n");
  });

  test("of a level below the logger's is not written", () => {
    const { log, written } = recorder("warn");
    log.debug("a");
    log.info("b");
    log.warn("c");
    log.error("d");
    expect(written.map(({ level }) => level)).toEqual(["warn", "error"]);
  });

  test("carries the fields of `with`, nested, and never those of a sibling", () => {
    const { log, written } = recorder();
    const request = log.with({ requestId: "req_1" });
    request.with({ route: "/v1" }).info("inner");
    request.info("outer");
    log.info("plain");
    expect(written.map(({ line }) => JSON.parse(line))).toEqual([
      { level: "info", service: "bookings", message: "inner", requestId: "req_1", route: "/v1" },
      { level: "info", service: "bookings", message: "outer", requestId: "req_1" },
      { level: "info", service: "bookings", message: "plain" },
    ]);
  });

  test("goes to the runtime's log of the same level by default", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    createLogger("users").warn("odd");
    expect(warn).toHaveBeenCalledExactlyOnceWith('{"level":"warn","service":"users","message":"odd"}');
    warn.mockRestore();
  });
});

describe("redaction", () => {
  const sensitive = [
    "password",
    "newPassword",
    "secret",
    "orderSecret",
    "accessToken",
    "authorization",
    "Cookie",
    "stripe-signature",
    "apiKey",
    "api_key",
    "x-event-access",
    "eventAccess",
    "privateKey",
    "email",
    "buyerEmail",
    "phone",
    "name",
    "ip",
    "buyer",
    "holder",
    "address",
    "code",
  ];

  test.each(sensitive)("a field called %s is masked at every depth, whatever it holds", (name) => {
    const { log, written } = recorder();
    log.info("a", { [name]: "visible-1" });
    log.info("b", { outer: { list: [{ [name]: { inner: "visible-2" } }] } });
    for (const { line } of written) expect(line).not.toContain("visible");
  });

  const texts: [string, string][] = [
    ["a mail address", "no mailbox for first.last+tag@mail.example.com here"],
    ["a JWT", "token eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ1c3JfMSJ9.c2lnbmF0dXJl refused"],
    ["a grant to an event", "shown 3.1800000000.abcdefgh1234abcdefgh1234abcdefgh1234abcdefg too late"],
    ["a bearer header", "sent Bearer abc.def-ghi"],
    ["a Stripe key", "No such key: sk_live_51Habcdefgh"],
    ["a restricted Stripe key", "No such key: rk_test_51Habcdefgh"],
    ["a webhook secret", "signed with whsec_abcdefgh1234"],
    ["a mail provider's key", "key re_AbCd1234_efGHijKLmn is invalid"],
    ["an order link", "GET https://foyer.example/orders/ord_1#secret=abcdefgh1234 failed"],
    ["a verification link", "GET https://foyer.example/verify-email#token=abcdefgh1234 failed"],
    ["a link with its token as a parameter", "GET https://foyer.example/verify-email?token=abcdefgh1234&x=1 failed"],
    ["a return from a provider", "GET /callback?state=abcdefgh1234&code=efghabcd5678 failed"],
  ];
  const leaked =
    /first\.last|eyJ|abc\.def|51Habc|abcdefgh1234|efghabcd5678|AbCd1234/; /* the part of each text that must not be seen */

  test.each(texts)("%s inside a text is masked and the rest stays", (_, text) => {
    const { log, last } = recorder();
    log.error(text, { error: text, list: [text] });
    const line = last();
    expect(JSON.stringify(line)).not.toMatch(leaked);
    expect(line.message).toContain("[redacted]");
    expect(line.message.split(" ")[0]).toBe(text.split(" ")[0]);
  });

  test("ids and ordinary words are left alone", () => {
    const fields = { eventId: "evt_1", error: "the order is gone", route: "/v1/orders/{id}", hours: 12 };
    expect(redact(fields)).toEqual(fields);
  });

  test("a mail address never survives, wherever it stands", () => {
    fc.assert(
      fc.property(fc.emailAddress(), fc.string(), fc.string(), (address, before, after) => {
        const { log, written } = recorder();
        log.info("x", { error: `${before} ${address} ${after}`, nested: { list: [` ${address} `] } });
        expect(written[0]?.line).not.toContain(JSON.stringify(address).slice(1, -1));
      }),
    );
  });

  test("large and deep values are cut, so that one line stays a line", () => {
    type Deep = { readonly inner: Deep | string };
    let deep: Deep = { inner: "bottom" };
    for (let depth = 0; depth < 50; depth += 1) deep = { inner: deep };
    const fields: LogFields = {
      deep,
      list: Array.from({ length: 1_000 }, () => "x"),
      wide: Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`k${index}`, index])),
      text: "y".repeat(100_000),
    };
    const { log, written } = recorder();
    log.info("large", fields);
    expect(written[0]?.line.length).toBeLessThan(5_000);
    expect(written[0]?.line).not.toContain("bottom");
  });
});

describe("a thrown thing", () => {
  test("is told by message, type, stack and cause", () => {
    const thrown = new TypeError("no queue", { cause: new Error("no binding") });
    const told = describeError(thrown);
    expect(told).toMatchObject({ error: "no queue", errorType: "TypeError", cause: "no binding" });
    expect(told.stack).toContain("logger.test.ts");
  });

  test("of several lines leaves none of its text in the stack", () => {
    expect(describeError(new Error("first\nsecond\nthird")).stack).not.toMatch(/first|second|third/);
  });

  test.each([
    ["a text", "boom", "boom"],
    ["undefined", undefined, "undefined"],
    ["null", null, "null"],
    ["an object", { code: 1 }, "[object Object]"],
    ["an object that is no text", Object.create(null), "[object Object]"],
    ["an object whose text throws", { toString: () => Number("x").toFixed(999) }, "[object Object]"],
  ])("that is %s is told as well", (_, thrown, error) => {
    expect(describeError(thrown)).toEqual({ error });
  });
});
