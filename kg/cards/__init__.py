"""Cards: what each paper does, in our own words and a few fixed fields."""
