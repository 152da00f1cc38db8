"""Links of papers to code, models, data, pages, videos and slides, read from what sources say."""
