const KINDS: [u32; 4] = [25, 10, 5, 1];

pub fn worth(coins: &[u32]) -> Option<u32> {
    coins
        .iter()
        .map(|coin| KINDS.contains(coin).then_some(*coin))
        .sum()
}

pub fn pay(mut amount: u32) -> Vec<u32> {
    let mut coins = vec![];
    for kind in KINDS {
        while amount >= kind {
            coins.push(kind);
            amount -= kind;
        }
    }
    coins
}

pub fn take(jar: &mut Vec<u32>) -> u32 {
    jar.pop().expect("the jar is empty")
}
