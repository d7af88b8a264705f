window.HEATMAP = {
  title: "Noise at the harbour",
  unit: "dB",
  columns: ["00:00", "06:00", "12:00", "18:00"],
  rows: ["Monday", "Tuesday", "Wednesday"],
  values: [
    [41.5, 48, 61.25, 55],
    [40, null, 63.1, 55],
    [-2, 47.9, NaN, 58.75],
  ],
};
