import type { Page } from "playwright-core";

/** An authenticator inside of the browser, in place of a finger on a device. */
export interface VirtualAuthenticator {
  /** Whether its owner proves themselves when they are asked to. */
  setVerified(isVerified: boolean): Promise<void>;
  /** How many passkeys it holds that need no name. */
  count(): Promise<number>;
}

/** Plugs an authenticator of its own into a tab, by the browser's own protocol (CDP domain WebAuthn). */
export async function plugIn(page: Page): Promise<VirtualAuthenticator> {
  const protocol = await page.context().newCDPSession(page);
  await protocol.send("WebAuthn.enable");
  const { authenticatorId } = await protocol.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    async setVerified(isUserVerified) {
      await protocol.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified });
    },
    async count() {
      const { credentials } = await protocol.send("WebAuthn.getCredentials", { authenticatorId });
      return credentials.filter(({ isResidentCredential }) => isResidentCredential).length;
    },
  };
}

/** What a page's script does with passkeys, in the platform's own JSON forms. Where the browser refuses, `refused` is why. */
export function askBrowser(
  page: Page,
  call: "create" | "get",
  options: object,
): Promise<Readonly<Record<string, unknown>>> {
  const parser = call === "create" ? "parseCreationOptionsFromJSON" : "parseRequestOptionsFromJSON";
  return page.evaluate<Readonly<Record<string, unknown>>>(`(async () => {
    try {
      const publicKey = PublicKeyCredential.${parser}(${JSON.stringify(options)});
      return (await navigator.credentials.${call}({ publicKey })).toJSON();
    } catch (thrown) {
      return { refused: thrown.name };
    }
  })()`);
}
