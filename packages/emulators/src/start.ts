import { type OAuthEmulator, type OAuthOptions, startOAuth } from "./oauth/start-oauth.ts";
import { type ResendEmulator, type ResendOptions, startResend } from "./resend/start-resend.ts";
import { type StripeEmulator, type StripeOptions, startStripe } from "./stripe/start-stripe.ts";

/** Which services to start, and how. Each further service is one key here and one start function. */
export interface EmulatorsOptions {
  readonly stripe: StripeOptions;
  readonly resend: ResendOptions;
  readonly oauth: OAuthOptions;
}

/** The running services. */
export interface Emulators {
  readonly stripe: StripeEmulator;
  readonly resend: ResendEmulator;
  readonly oauth: OAuthEmulator;
  /** Frees every port and gives up every delivery. Nothing is left running. */
  readonly stop: () => Promise<void>;
}

/** Starts the outside services that Foyer talks to, on the loopback interface, each on a free port or the given one. */
export async function startEmulators(options: EmulatorsOptions): Promise<Emulators> {
  const [stripe, resend, oauth] = await Promise.allSettled([
    startStripe(options.stripe),
    startResend(options.resend),
    startOAuth(options.oauth),
  ]);
  if (stripe.status === "fulfilled" && resend.status === "fulfilled" && oauth.status === "fulfilled") {
    return {
      stripe: stripe.value,
      resend: resend.value,
      oauth: oauth.value,
      stop: async () => {
        await Promise.all([stripe.value.stop(), resend.value.stop(), oauth.value.stop()]);
      },
    };
  }
  // All or none: a caller that gets an error has nothing to stop.
  const all = [stripe, resend, oauth];
  for (const started of all) if (started.status === "fulfilled") await started.value.stop();
  throw new AggregateError(
    all.flatMap((started) => (started.status === "rejected" ? [started.reason] : [])),
    "could not start the emulated services",
  );
}
