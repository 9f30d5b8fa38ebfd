struct Span {
  first: u32,
  end: u32,
}

// The rows (columns) of the image of which a window that starts at `start`, counted with the zeros, holds some.
fn pixels_of(start: u32, taps: u32, zeros: u32, size: u32) -> Span {
  return Span(max(start, zeros) - zeros, min(start + taps - zeros, size));
}

// The windows that hold a row (column), counted with the zeros: those from (place - taps + 1) / stride, rounded up.
fn windows_of(place: u32, taps: u32, stride: u32, count: u32) -> Span {
  let past = place + stride;
  return Span((past - min(past, taps)) / stride, min(place / stride + 1u, count));
}
