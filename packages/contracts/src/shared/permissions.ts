/** Roles inside an organization, strongest first. */
export const roles = ["owner", "admin", "manager", "finance", "support", "door"] as const;
export type Role = (typeof roles)[number];

/** Everything that can be asked of `authorize`; named `<resource>.<verb>`. */
export const permissions = [
  "organization.read",
  "organization.write",
  "organization.delete",
  "members.write",
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
const admin: readonly Permission[] = [...manager, "organization.write", "members.write", "payments.refund"];

/** The permission table. Deny is the default: what is not listed is refused. */
export const rolePermissions: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  owner: new Set(permissions),
  admin: new Set(admin),
  manager: new Set(manager),
  finance: new Set(finance),
  support: new Set(support),
  door: new Set(door),
};
