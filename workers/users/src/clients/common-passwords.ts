import list from "./common-passwords.txt";

/** Port of the list of common passwords: whether a password, in lower case, is on it. */
export type CommonPasswords = (lowerCase: string) => boolean;

/** The list that ships with the worker; taken apart at its first use, because most isolates set no password. */
export function createCommonPasswords(): CommonPasswords {
  let known: ReadonlySet<string> | undefined;
  return (lowerCase) => {
    known ??= new Set(list.split("\n"));
    return known.has(lowerCase);
  };
}
