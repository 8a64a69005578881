// A load of the processor and of nothing else: told `{ share }`, it computes for that part of the time, a millisecond of rest at a time.
let turn;
process.on('message', ({ share }) => {
  clearInterval(turn);
  const from = performance.now();
  const before = process.cpuUsage();
  const behind = () => {
    const { user, system } = process.cpuUsage(before);
    return (performance.now() - from) * share - (user + system) / 1000;
  };
  turn = setInterval(() => {
    while (behind() > 0);
  }, 1);
});
// With the program that started it.
process.on('disconnect', () => process.exit());
