package clock

const three = 3
