import type { Schema } from "@foyer/sdk";
import { foyer, stranger } from "./account.ts";
import { byId, element, fragmentValue, say, show } from "./dom.ts";
import { codeOf, explain } from "./failures.ts";
import { onSubmit, refuseInput } from "./forms.ts";
import { formatTime } from "./times.ts";

/**
 * An event's page, for whoever may read it: everybody, or those whom an invitation, their account or the password lets in. What lets them in comes in the
 * address's fragment or is typed, and goes nowhere but into the body and the headers of calls.
 */

type Event = Schema<"Event">;

const status = byId("status", HTMLElement);
const title = byId("title", HTMLElement);
const about = byId("about", HTMLElement);
const gate = byId("gate", HTMLFormElement);
const retry = byId("retry", HTMLFormElement);
const password = byId("password", HTMLInputElement);
const eventId = location.pathname.slice(location.pathname.lastIndexOf("/") + 1);
const path = { params: { path: { id: eventId } }, idempotencyKey: null };

async function open(): Promise<void> {
  show(false, gate, retry);
  say(status, "Looking for the event…", "waiting");
  const invitation = fragmentValue("invitation");
  try {
    tell(invitation === null ? await read(null) : await readInvited(invitation));
  } catch (thrown) {
    settle(thrown);
  }
}

async function read(grant: string | null): Promise<Event> {
  const headers = grant === null ? {} : { "X-Event-Access": grant };
  return (await foyer.get("/v1/events/{idOrSlug}", { params: { path: { idOrSlug: eventId } }, headers })).data;
}

/** The invitation alone lets in, whoever is signed in here. One that does not may belong to an event that needs none. */
async function readInvited(invitation: string): Promise<Event> {
  try {
    const { data } = await stranger.post("/v1/events/{id}/access", { ...path, body: { invitation } });
    return await read(data.grant);
  } catch (thrown) {
    if (codeOf(thrown) !== "events.not_gated") throw thrown;
    return read(null);
  }
}

function settle(thrown: unknown): void {
  switch (codeOf(thrown)) {
    case "events.password_required":
      show(true, gate);
      say(status, "This event is behind a password. The organizer has given it to those who are invited.");
      password.focus();
      return;
    case "events.not_found":
      say(status, "There is no such event, or you are not invited to it. Open the link from your mail again.", "bad");
      return;
    case "events.access_denied":
      say(status, "This invitation no longer works. Ask the organizer for a new one.", "bad");
      return;
    default:
      show(true, retry);
      say(status, explain(thrown), "bad");
  }
}

async function enter(): Promise<void> {
  say(status, "Opening…", "waiting");
  try {
    const body = { password: password.value };
    const { data } = await stranger.post("/v1/events/{id}/access", { ...path, body });
    tell(await read(data.grant));
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code !== "events.access_denied" && code !== "request.invalid") throw thrown;
    refuseInput(password, status, "That is not the password of this event.");
  }
}

function tell(event: Event): void {
  show(false, gate, retry);
  password.value = "";
  document.title = event.title;
  title.textContent = event.title;
  say(status, statusTexts[event.status] ?? "");
  const { startsAt, endsAt, timezone } = event;
  const times = [startsAt, endsAt].flatMap((time) => (time === null ? [] : [formatTime(time.utc, timezone)]));
  const facts: [string, string][] = [
    ["By", event.organization.name],
    ["When", times.length === 0 ? "Not yet known" : `${times.join(" – ")} (${timezone})`],
    ["Where", placeOf(event.location)],
  ];
  about.replaceChildren(
    ...facts.map(([name, value]) => element("p", "", element("strong", "", `${name}: `), value)),
    element("p", "", event.summary),
  );
}

const statusTexts: Readonly<Partial<Record<Event["status"], string>>> = {
  cancelled: "This event is cancelled.",
  postponed: "This event is postponed.",
  completed: "This event is over.",
  archived: "This event is over.",
};

function placeOf(place: Event["location"]): string {
  if (place === null) return "Not yet known";
  if (place.kind === "online") return "Online";
  const { name, address, city, country } = place;
  return [name, address, city, country].join(", ");
}

onSubmit(gate, status, enter);
onSubmit(retry, status, open);
// Another link that is opened in this tab changes the fragment only, and must not meet the state of the first.
addEventListener("hashchange", () => globalThis.location.reload());

show(true, byId("page", HTMLElement));
void open();
