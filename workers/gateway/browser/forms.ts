import { say } from "./dom.ts";
import { explain } from "./failures.ts";

/**
 * Gives a form to a script and to nobody else. It is sent once at a time; what goes wrong, and is not said by `work` in words of its own, is said
 * in the page's live region.
 */
export function onSubmit(form: HTMLFormElement, status: HTMLElement, work: () => Promise<void>): void {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send(form, status, work);
  });
}

async function send(form: HTMLFormElement, status: HTMLElement, work: () => Promise<void>): Promise<void> {
  const buttons = [...form.querySelectorAll("button")];
  for (const button of buttons) button.disabled = true;
  try {
    await work();
  } catch (thrown) {
    say(status, explain(thrown), "bad");
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

/** Says what is wrong with an input, and leads there. */
export function refuseInput(input: HTMLInputElement, status: HTMLElement, why: string): void {
  say(status, why, "bad");
  input.setAttribute("aria-invalid", "true");
  input.addEventListener("input", () => input.removeAttribute("aria-invalid"), { once: true });
  input.focus();
}

/** Lets a box show what is typed into a password's input. It is hidden again when the form is sent, so that the browser takes it for a password. */
export function showOnRequest(box: HTMLInputElement, password: HTMLInputElement): void {
  const change = (): void => {
    password.type = box.checked ? "text" : "password";
  };
  box.addEventListener("change", change);
  password.form?.addEventListener("submit", () => {
    box.checked = false;
    change();
  });
}
