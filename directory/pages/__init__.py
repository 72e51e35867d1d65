"""Pages of the site itself: home, initiative, about, privacy, sitemap, health."""
