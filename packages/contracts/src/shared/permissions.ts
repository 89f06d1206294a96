/** Roles inside an organization, strongest first. */
export const roles = ["owner", "admin", "manager", "finance", "support", "door"] as const;
export type Role = (typeof roles)[number];

/** Everything that can be asked of `authorize`; named `<resource>.<verb>`. */
export const permissions = [
  "organization.read",
  "organization.write",
  "organization.delete",
  "organization.transfer",
  "members.write",
  "apikeys.read",
  "apikeys.write",
  "audit.read",
  "events.read",
  "events.write",
  "events.publish",
  "sales.read",
  "sales.write",
  "orders.read",
  "orders.write",
  "payments.read",
  "payments.refund",
  "checkins.read",
  "checkins.write",
  "analytics.read",
] as const;
export type Permission = (typeof permissions)[number];

const readers: readonly Permission[] = ["organization.read", "events.read", "sales.read"];
const door: readonly Permission[] = [...readers, "checkins.read", "checkins.write"];
const support: readonly Permission[] = [...door, "orders.read", "orders.write", "analytics.read"];
const finance: readonly Permission[] = [
  ...readers,
  "orders.read",
  "payments.read",
  "payments.refund",
  "analytics.read",
];
const manager: readonly Permission[] = [...support, "events.write", "events.publish", "sales.write", "payments.read"];
const admin: readonly Permission[] = [
  ...manager,
  "organization.write",
  "members.write",
  "apikeys.read",
  "apikeys.write",
  "audit.read",
  "payments.refund",
];

/** The permission table. Deny is the default: what is not listed is refused. */
export const rolePermissions: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  owner: new Set(permissions),
  admin: new Set(admin),
  manager: new Set(manager),
  finance: new Set(finance),
  support: new Set(support),
  door: new Set(door),
};

/** Which roles each role may give, change and take away. Nobody but an owner touches an owner or an admin. */
export const grantableRoles: Readonly<Record<Role, ReadonlySet<Role>>> = {
  owner: new Set(roles),
  admin: new Set<Role>(["manager", "finance", "support", "door"]),
  manager: new Set(),
  finance: new Set(),
  support: new Set(),
  door: new Set(),
};

/** What stays with people: no program removes its own organization, admits members, or makes itself further keys. */
const personal = [
  "organization.write",
  "organization.delete",
  "organization.transfer",
  "members.write",
  "apikeys.read",
  "apikeys.write",
] as const satisfies readonly Permission[];

/** A permission that an API key can have as a scope. */
export type KeyScope = Exclude<Permission, (typeof personal)[number]>;
export const keyScopes: readonly KeyScope[] = permissions.filter(
  (permission): permission is KeyScope => !personal.some((own) => own === permission),
);

/** Privileges on the platform itself, apart from any organization. */
export const platformRoles = ["administrator"] as const;
export type PlatformRole = (typeof platformRoles)[number];
