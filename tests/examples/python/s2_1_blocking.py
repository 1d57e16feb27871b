import time


def fetch_data(url, delay):
    print(f"Fetching {url}...")
    time.sleep(delay)
    print(f"Done {url}")
    return f"data from {url}"


start = time.time()
fetch_data("api/users", 2)
fetch_data("api/posts", 3)
fetch_data("api/comments", 1)
print(f"Total: {time.time() - start:.1f}s")
