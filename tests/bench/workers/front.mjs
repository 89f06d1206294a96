// A gateway that does nothing but pass on, for the ceiling of everything that lies behind the real one.
export default {
  fetch(request, env) {
    return env.BEHIND.fetch(request);
  },
};
