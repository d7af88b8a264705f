exports.three = 3;
