// Records as their sources write them, one of each shape. Every person, service and id is invented.
#pragma once
#include <string_view>

namespace thap::ingest::golden {

inline constexpr std::string_view x_v2 =
    R"({"data":{"id":"2109558523733102597","text":"Tarang ka data Nagpur me subah se nahi chal raha #TarangDown","edit_history_tweet_ids":["2109558523733102597"],"author_id":"990000000000000041","lang":"hi","created_at":"2026-10-12T08:15:20.000Z","referenced_tweets":[{"type":"quoted","id":"2109550000000000001"}],"geo":{"place_id":"p1"}},"includes":{"places":[{"id":"p1","full_name":"Nagpur, India","country_code":"IN","place_type":"city"}]},"matching_rules":[{"id":"7","tag":"telecom-hinglish"}]})";

inline constexpr std::string_view x_v1 =
    R"({"created_at":"Mon Oct 12 08:15:20 +0000 2026","id":2109558523733102597,"id_str":"2109558523733102597","truncated":true,"text":"Tarang ka net band hai, sab doston ka yahi ha…","lang":"hi","place":null,"is_quote_status":false,"extended_tweet":{"full_text":"Tarang ka net band hai, sab doston ka yahi haal hai, call bhi nahi lag rahi"},"user":{"id_str":"990000000000000041","screen_name":"invented_user","location":"Nagpur"}})";

inline constexpr std::string_view x_connect =
    R"({"schema":{"type":"struct","optional":false,"fields":[{"field":"Id","type":"int64"},{"field":"Text","type":"string"}]},"payload":{"Id":2109558523733102597,"Text":"Tarang ka net band hai","CreatedAt":1791792920000,"Lang":"hi","InReplyToStatusId":-1,"User":{"Id":990000000000000041,"ScreenName":"invented_user"}}})";

inline constexpr std::string_view jetstream_v1 =
    R"({"did":"did:plc:qwertyuiopasdfghjklzxcvb","time_us":1791792921305123,"kind":"commit","commit":{"rev":"3mxo3acm2vk2l","operation":"create","collection":"app.bsky.feed.post","rkey":"3mxo3ackov52l","cid":"bafyinvented","record":{"$type":"app.bsky.feed.post","createdAt":"2026-10-12T08:15:20.417Z","langs":["bn"],"text":"পাড়ায় তরঙ্গের নেটওয়ার্ক নেই, কল যাচ্ছে না #তরঙ্গ","facets":[{"index":{"byteStart":119,"byteEnd":135},"features":[{"$type":"app.bsky.richtext.facet#tag","tag":"তরঙ্গ"}]}]}}})";

inline constexpr std::string_view jetstream_v2_delete =
    R"({"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#commit","seq":881204,"did":"did:plc:qwertyuiopasdfghjklzxcvb","time":"2026-10-12T08:15:21.118200Z","rev":"3mxo3im4qzk2l","operation":"delete","collection":"app.bsky.feed.post","rkey":"3mxo3ackov52l"}})";

inline constexpr std::string_view at_kafka =
    R"({"did":"did:plc:qwertyuiopasdfghjklzxcvb","timestamp":"2026-10-12T08:15:21.300Z","operation":{"action":"create","collection":"app.bsky.feed.post","rkey":"3mxo3ackov52l","uri":"at://did:plc:qwertyuiopasdfghjklzxcvb/app.bsky.feed.post/3mxo3ackov52l","cid":"bafyinvented","path":"app.bsky.feed.post/3mxo3ackov52l","record":{"text":"Tarang fibre down in Salt Lake?","createdAt":"2026-10-12T08:15:20Z"}}})";

inline constexpr std::string_view at_kafka_wrapped =
    R"({"send_time":"2026-10-12T08:15:22Z","data":{"action_name":"operation#create","action_id":7,"data":{"did":"did:plc:qwertyuiopasdfghjklzxcvb","timestamp":"2026-10-12T08:15:21.300Z","operation":{"action":"create","collection":"app.bsky.feed.post","rkey":"3mxo3ackov52l","record":{"text":"Tarang fibre down in Salt Lake?","createdAt":"2026-10-12T08:15:20Z"}}}}})";

inline constexpr std::string_view bsky_flat =
    R"({"uri":"at://did:plc:qwertyuiopasdfghjklzxcvb/app.bsky.feed.post/3mxo3ackov52l","cid":"bafyinvented","did":"did:plc:qwertyuiopasdfghjklzxcvb","text":"Tarang down hai kya? Patna","langs":["hi"],"tags":[],"facets":"[]","created_at":"2026-10-12T08:15:20Z","indexed_at":"2026-10-12T08:15:21Z","seq":5501,"collection":"app.bsky.feed.post","lang":"hi"})";

inline constexpr std::string_view mastodon_event =
    R"({"stream":["public"],"event":"update","payload":"{\"id\":\"117426940832489473\",\"uri\":\"https://social.example/users/a/statuses/9\",\"created_at\":\"2026-10-12T08:15:18.000Z\",\"language\":\"hi\",\"spoiler_text\":\"\",\"content\":\"<p>तरंग का सर्वर ठप &amp; ऐप बंद<br>कोई और?</p>\",\"reblog\":null,\"in_reply_to_id\":null,\"tags\":[],\"edited_at\":null,\"account\":{\"acct\":\"a@social.example\",\"bot\":false}}"})";

inline constexpr std::string_view reddit_comment =
    R"({"kind":"t1","data":{"id":"zz41ab","name":"t1_zz41ab","subreddit":"pune","author":"invented_user","author_fullname":"t2_zz9","body":"Tarang fibre gone in Kothrud &amp; Baner too?","created_utc":1791792920.0,"edited":false,"link_id":"t3_zz1","parent_id":"t1_zz40"}})";

inline constexpr std::string_view reddit_submission =
    R"json({"kind":"t3","data":{"id":"zz1","name":"t3_zz1","subreddit":"pune","author":"invented_user","author_fullname":"t2_zz9","title":"Tarang down?","selftext":"**No net** since [morning](https://x.example)",
    "created_utc" : 1791792920.0, "edited" : false
}
})json";

inline constexpr std::string_view telegram =
    R"({"update_id":550121,"channel_post":{"message_id":42,"chat":{"id":-1009000000041,"title":"Invented local news","username":"invented_news","type":"channel"},"date":1791792920,"text":"নদীয়ায় তরঙ্গের ডেটা বন্ধ #তরঙ্গ","entities":[{"offset":27,"length":6,"type":"hashtag"}]}})";

inline constexpr std::string_view youtube =
    R"({"kind":"youtube#commentThread","snippet":{"videoId":"vid_invented","topLevelComment":{"id":"Ugz_invented","snippet":{"authorChannelId":{"value":"UC_invented"},"textDisplay":"Tarang app khul hi nahi raha &amp; OTP nahi aata","likeCount":3,"publishedAt":"2026-10-12T08:15:20Z","updatedAt":"2026-10-12T08:15:20Z"}}}})";

inline constexpr std::string_view canonical =
    R"({"specversion":"1.0","id":"c-0042","source":"urn:example:collector","type":"in.example.post","time":"2026-10-12T08:15:22Z","datacontenttype":"application/json","data":{"network":"generic","id":"77","event_ms":1791792920000,"author":"a-17","text":"Tarang recharge page not opening in Guwahati"}})";

}  // namespace thap::ingest::golden
