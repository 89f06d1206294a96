/** One request, as the use-cases of the gateway see it. */
export interface GatewayCall {
  readonly request: Request;
  /** As in the request line, not decoded, without the query. */
  readonly path: string;
  readonly requestId: string;
  /** The body, where it had to be read before it was known that the request goes on. */
  readonly bodyText: string | null;
}
