/** A value that answers every question, so that a function can be asked what it makes of nothing in particular. */
export function anything(): any {
  const value: any = new Proxy(function () {}, {
    get: (_target, name) => {
      if (name === Symbol.toPrimitive) return () => '1';
      if (name === Symbol.iterator) return [][Symbol.iterator];
      if (name === 'toJSON') return () => '1';
      return anything();
    },
    apply: () => anything(),
    has: () => true,
  });
  return value;
}
