exports.twice = (n) => n;
