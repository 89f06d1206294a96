/**
 * Cost of a password hash: argon2id with 19 MiB, two passes, one lane, the second of OWASP's equal choices
 * (https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html) and the strongest that fits a
 * worker's 128 MB beside other requests.
 */
export const hashCost = { memoryKibibytes: 19_456, passes: 2, lanes: 1, hashBytes: 32, saltBytes: 16 } as const;

/** How a hash of today's cost begins, as a PHC string. */
const currentPrefix = `$argon2id$v=19$m=${hashCost.memoryKibibytes},t=${hashCost.passes},p=${hashCost.lanes}$`;

/** Whether a stored hash was made at another cost than today's and should be made anew at the next sign-in. */
export function isOutdated(phc: string): boolean {
  return !phc.startsWith(currentPrefix);
}

/** A hash that no password has, of today's cost: checked where there is no account, so that both answers take as long. */
export const nobodysHash = `${currentPrefix}${"A".repeat(22)}$${"A".repeat(43)}`;

const shortestTelling = 4;

/**
 * Whether a password is among the first that a guesser tries: on the list of common ones, or what is known of its owner, alone or with
 * digits and signs around it (NIST SP 800-63B section 3.1.1.2: commonly used, expected or compromised values).
 */
export function isEasyToGuess(
  password: string,
  owner: { readonly email: string; readonly name: string },
  isCommon: (lowerCase: string) => boolean,
): boolean {
  const plain = password.toLowerCase();
  if (isCommon(plain)) return true;
  const [mailbox = "", host = ""] = owner.email.toLowerCase().split("@");
  const known = [owner.email.toLowerCase(), mailbox, host.split(".")[0] ?? "", owner.name.toLowerCase(), "foyer"];
  return known.map(coreOf).some((text) => text.length >= shortestTelling && coreOf(plain) === text);
}

/** A text without the digits and signs around its letters. */
function coreOf(text: string): string {
  return text.replace(/^\P{L}+|\P{L}+$/gu, "");
}
