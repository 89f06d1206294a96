/** The emulated identity providers that issue ID tokens. */
export const idTokenProviderNames = ["google", "facebook", "apple", "microsoft"] as const;
export type IdTokenProviderName = (typeof idTokenProviderNames)[number];

/** All of them, each below a path of its name. */
export const providerNames = [...idTokenProviderNames, "github"] as const;
export type ProviderName = (typeof providerNames)[number];

/** The same made of every provider. */
export function forEachProvider<T>(make: (name: ProviderName) => T): Record<ProviderName, T> {
  return {
    google: make("google"),
    facebook: make("facebook"),
    apple: make("apple"),
    microsoft: make("microsoft"),
    github: make("github"),
  };
}
